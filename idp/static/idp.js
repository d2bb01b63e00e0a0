// Small comforts that nothing depends on: without this file every page works, it only shows less.

// A button at a password field that shows what was typed.
for (const control of document.querySelectorAll("[data-reveal]")) {
  const input = control.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.textContent = control.dataset.show;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? control.dataset.show : control.dataset.hide;
  });
  input.form?.addEventListener("submit", () => { input.type = "password"; });
  control.classList.add("control-reveal");
  control.append(button);
}

// A button that copies a value, or a reference block as lines of "name: value".
for (const block of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.className = "button button-secondary";
  button.textContent = block.dataset.copyText;
  said.setAttribute("role", "status");
  said.className = "copied";
  button.addEventListener("click", async () => {
    const value = block.querySelector("input[readonly]")?.value;
    const lines = [...block.querySelectorAll("dl > div")].map(
      (row) => [...row.children].map((part) => part.textContent.trim()).join(": "));
    await navigator.clipboard.writeText(value ?? lines.join("\n"));
    said.textContent = block.dataset.copiedText;
  });
  block.append(button, said);
}

// The name menu closes with Escape and with a press elsewhere.
for (const menu of document.querySelectorAll("details[data-closes]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// After a form was refused, reading starts from what went wrong.
document.querySelector("[data-error-summary]")?.focus();
