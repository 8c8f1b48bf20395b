// What a script needs that sends something itself: a token of its own, the one that Django asks for, a word before leaving.

/** A random UUID, also where the page came over plain http. */
window.makeToken = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** A cookie of this site; empty where it is not set. */
window.readCookie = (name) => {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
};

/** Let the browser ask before the page is left while `isUnsaved()` says so. */
window.warnBeforeLeaving = (isUnsaved) => {
  // A download leaves nothing, though the browser asks as if it did.
  let isDownload = false;
  document.addEventListener("submit", (event) => {
    isDownload = event.target.matches("[data-download]");
    window.setTimeout(() => {
      isDownload = false;
    }, 2000);
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved() && !isDownload) event.preventDefault();
  });
};
