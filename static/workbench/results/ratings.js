// Chooses one rating for everybody who has none yet and whose score allows it; nothing is entered before the form is sent.
document.addEventListener("DOMContentLoaded", () => {
  const fill = document.querySelector("[data-fill]");
  if (!fill) return;
  fill.hidden = false;
  const wanted = fill.querySelector("select");
  fill.querySelector("button").addEventListener("click", () => {
    for (const select of document.querySelectorAll("select[data-undecided]")) {
      const isOffered = [...select.options].some((option) => option.value === wanted.value);
      if (!select.value && isOffered) select.value = wanted.value;
    }
  });
});
