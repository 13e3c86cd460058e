/* The check of answers: takes the eye to what must be fixed. */
(function () {
  "use strict";
  var summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
