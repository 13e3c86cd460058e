/* Keys of the desk: each stands on its button or link (data-key); `?` lists them. They work outside text
   fields and can be switched off in the account. A button with data-focus-only gets the focus: no key
   makes a plan. */
(function () {
  "use strict";
  var desk = document.getElementById("desk"), dialog = document.getElementById("desk-keys");
  var help = document.getElementById("desk-help");
  if (help) help.addEventListener("click", function () { dialog.showModal(); });
  if (desk.dataset.keys === "off") return;

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || dialog.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    var key = event.key.toLowerCase();
    if (key === "?") {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    if (!/^[1-9apcms]$/.test(key)) return;
    var wanted = document.querySelector('[data-key="' + key + '"]');
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
    if (!("focusOnly" in wanted.dataset)) wanted.click();
  });
})();
