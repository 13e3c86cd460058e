/* Enter in a cell saves its row and moves down to the next one; an error summary takes the focus. */
(function () {
  "use strict";

  function next(form) {
    var row = form.closest("tr");
    while ((row = row && row.nextElementSibling)) {
      var field = row.querySelector("input[type=text]");
      if (field) return field;
    }
    return null;
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.target;
    if (!form.matches || !form.matches("form[data-moves]")) return;
    var field = next(form);
    if (field) { field.focus(); field.select(); }
  });

  document.addEventListener("DOMContentLoaded", function () {
    var wrong = document.getElementById("wrong");
    if (wrong) wrong.focus();
  });
})();
