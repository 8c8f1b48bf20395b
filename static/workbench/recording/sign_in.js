// A sign-in: fetches who has signed in every few seconds while it is open, and shows code and count on the whole screen.
document.addEventListener("DOMContentLoaded", () => {
  const shown = document.querySelector("[data-show]");
  const whole = shown?.querySelector("[data-show-whole]");
  const less = shown?.querySelector("[data-show-less]");
  const showWhole = (isWhole) => {
    shown.classList.toggle("wb-whole", isWhole);
    whole.hidden = isWhole;
    less.hidden = !isWhole;
    (isWhole ? less : whole).focus();
  };
  if (whole) {
    whole.hidden = false;
    whole.addEventListener("click", () => {
      showWhole(true);
      // A browser that does not give the whole screen still gives its whole window.
      shown.requestFullscreen?.()?.catch(() => undefined);
    });
    const leave = () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else showWhole(false);
    };
    less.addEventListener("click", leave);
    document.addEventListener("fullscreenchange", () => showWhole(document.fullscreenElement === shown));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && shown.classList.contains("wb-whole")) leave();
    });
  }

  const list = document.querySelector("[data-signed]");
  const address = list?.dataset.signed;
  if (!address) return;
  const EVERY = 4000;
  const refresh = async () => {
    if (!document.hidden) {
      try {
        const response = await fetch(address, { redirect: "error" });
        if (!response.ok) throw new Error(response.statusText);
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        list.replaceChildren(...page.body.childNodes);
      } catch {
        list.querySelector("[role=status]").textContent = list.dataset.lost;
      }
    }
    window.setTimeout(refresh, EVERY);
  };
  window.setTimeout(refresh, EVERY);
});
