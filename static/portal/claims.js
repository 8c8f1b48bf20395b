// Before a claim with its photos is sent, see whether the site can be reached: a page lost on the way loses what was typed.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-claim]");
  const offline = document.querySelector("[data-offline]");
  const button = form?.querySelector("button[type=submit]");
  if (!form || !offline || !button) return;
  let reached = false;
  form.addEventListener("submit", async (event) => {
    if (reached) return;
    event.preventDefault();
    button.disabled = true;
    try {
      await fetch(location.href, { method: "HEAD", cache: "no-store", credentials: "same-origin" });
      reached = true;
    } catch {
      offline.hidden = false;
      offline.scrollIntoView({ block: "center" });
    }
    button.disabled = false;
    if (reached) form.requestSubmit();
  });
  window.addEventListener("pageshow", () => {
    reached = false;
  });
});
