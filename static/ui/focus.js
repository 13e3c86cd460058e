/* The summary of what is wrong takes the focus when a page comes back. */
(function () {
  "use strict";
  var summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
