// Photos are made smaller before they are sent: a phone's ten megabytes become one. Without this they go as they are.
// What is still too much is said here: a request that large is refused unread, and what was typed with it (413).
{
  const LONGEST_SIDE = 2400;
  const SMALL_ENOUGH = 1024 * 1024;

  async function shrink(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size <= SMALL_ENOUGH) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
    } catch {
      return file;
    }
  }

  async function shrinkAll(input) {
    const files = await Promise.all([...input.files].map(shrink));
    const kept = new DataTransfer();
    for (const file of files) kept.items.add(file);
    input.files = kept.files;
  }

  function weigh(form) {
    const inputs = [...form.querySelectorAll("input[type=file][data-evidence]")];
    const bytes = inputs.flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
    for (const input of inputs.filter((each) => each.dataset.mostBytes)) {
      input.setCustomValidity(bytes > Number(input.dataset.mostBytes) ? input.dataset.tooLarge : "");
      input.reportValidity();
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const input of document.querySelectorAll("input[type=file][data-evidence]")) {
      // unfold mirrors a chosen file's name in a text field beside it, which these forms have not: it would stumble.
      input.hasChangeListener = true;
      const buttons = [...(input.form?.querySelectorAll("button[type=submit]") ?? [])];
      input.addEventListener("change", async () => {
        for (const button of buttons) button.disabled = true;
        try {
          await shrinkAll(input);
          if (input.form) weigh(input.form);
        } finally {
          for (const button of buttons) button.disabled = false;
        }
      });
    }
  });
}
