// While a file is read or imported: say so, and let nobody send it twice. The pages work without this.
document.addEventListener("DOMContentLoaded", () => {
  const working = document.querySelector("[data-working]");
  const forms = [...document.querySelectorAll("form[data-long-work]")];
  const rest = () => {
    if (working) working.hidden = true;
    for (const form of forms) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  };
  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("data-download")) return;
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      if (working) working.hidden = false;
      window.setTimeout(() => {
        for (const button of form.querySelectorAll("button")) button.disabled = true;
      });
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) rest();
  });
});
