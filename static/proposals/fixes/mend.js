/* Enter goes to the same column of the next row that has it, else to the next row; after the last one
   to the button. Whoever leaves with cells that are not saved is asked. Without script the form works,
   and Enter saves. */
(function () {
  "use strict";
  var isChanged = false;

  function formOf(element) {
    return element.closest ? element.closest("form[data-mend]") : null;
  }

  function next(field) {
    var row = field.closest(".mend-row");
    var column = field.getAttribute("data-column");
    var first = null;
    while ((row = row.nextElementSibling)) {
      if (!row.classList.contains("mend-row")) continue;
      var same = row.querySelector('[data-column="' + column + '"]');
      if (same) return same;
      first = first || row.querySelector("[data-column]");
    }
    return first;
  }

  document.addEventListener("keydown", function (event) {
    var field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.getAttribute) return;
    var form = formOf(field);
    if (!form || !field.hasAttribute("data-column")) return;
    event.preventDefault();
    var target = next(field) || form.querySelector("button[type=submit]");
    target.focus();
    if (target.select) target.select();
  });

  document.addEventListener("change", function (event) {
    if (formOf(event.target)) isChanged = true;
  });
  document.addEventListener("submit", function () { isChanged = false; });
  window.addEventListener("beforeunload", function (event) {
    if (isChanged) event.preventDefault();
  });

  function focus() {
    var said = document.getElementById("wrong") || document.getElementById("done");
    if (said) said.focus();
  }
  document.addEventListener("DOMContentLoaded", focus);
  document.addEventListener("htmx:afterSettle", focus);
})();
