/* Passkeys: a button with data-passkey="get" or "create" asks the device, puts what it answered into
   the form's hidden field and sends the form. Without a device that can, the button stays hidden. */
(function () {
  "use strict";
  if (!window.PublicKeyCredential || !window.webauthnJSON) return;

  function field(form) {
    return form.querySelector("input[name=second_factor_passkey], input[name=answer]");
  }

  async function ask(button) {
    const options = JSON.parse(document.getElementById(button.dataset.options).textContent);
    const failed = document.getElementById(button.dataset.failed);
    failed.hidden = true;
    try {
      const answer = await window.webauthnJSON[button.dataset.passkey](options);
      field(button.form).value = JSON.stringify(answer);
      button.form.submit();
    } catch {
      failed.hidden = false;
    }
  }

  for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => ask(button));
  }
})();
