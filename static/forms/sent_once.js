// No page is kept by the browser, so Back fetches the form anew, with a new token: what was saved would be saved again.
// The entry of the history keeps the token the form was first shown with. Without scripts Back shows a new form, and so
// does a form that changes what it shows: to go back and change something more is no sending twice.

document.addEventListener("DOMContentLoaded", () => {
  const fields = [...document.querySelectorAll("form input[type=hidden][name=token]")].filter(
    (field) => !field.form.elements.namedItem("shown"),
  );
  if (fields.length === 0) return;
  const [navigation] = performance.getEntriesByType("navigation");
  const kept = window.history.state?.tokens;
  if (navigation?.type === "back_forward" && kept?.length === fields.length) {
    fields.forEach((field, place) => {
      field.value = kept[place];
    });
    return;
  }
  const tokens = fields.map((field) => field.value);
  window.history.replaceState({ ...window.history.state, tokens }, "");
});
