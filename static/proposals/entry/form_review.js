/* The check of answers: sends once, and takes the eye to what must be fixed. */
(function () {
  "use strict";
  document.querySelectorAll("[data-once]").forEach(function (form) {
    var isSent = false;
    form.addEventListener("submit", function (event) {
      if (isSent) event.preventDefault();
      isSent = true;
      form.querySelector("button").setAttribute("aria-disabled", "true");
    });
  });
  var summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
