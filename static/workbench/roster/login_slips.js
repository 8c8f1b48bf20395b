// The answer is a file, so the page stays: a second click would end the slips of the first, whose file may be lost.

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-slips]");
  if (!form) return;
  form.addEventListener("submit", () => {
    form.querySelector("button[type=submit]").disabled = true;
    const said = document.querySelector("[data-slips-made]");
    said.hidden = false;
    said.scrollIntoView({ block: "nearest" });
  });
});
