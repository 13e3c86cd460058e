/* The check of answers: waits for the checks, sends once. */
(function () {
  "use strict";
  var page = document.getElementById("review"), FIRST_MS = 700, MOST = 90, asked = 0;

  function ask() {
    fetch(page.dataset.remarks, { credentials: "same-origin", headers: { Accept: "application/json", "X-Poll": "1" } })
      .then(function (answer) { return answer.ok ? answer.json() : null; }, function () { return null; })
      .then(function (known) {
        asked += 1;
        var isOver = known && (page.dataset.waits === "sending" ? !known.sending : known.checked);
        if (isOver) location.reload();
        else if (asked < MOST) window.setTimeout(ask, Math.min(5000, FIRST_MS + asked * 150));
      });
  }
  if (page.dataset.waits) window.setTimeout(ask, FIRST_MS);
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
