/* A day in one writing: 1/2/2000, 01022000 and 2000-02-01 become 01-02-2000 when the field is left.
   What is no day stays as it was typed; the server says what is wrong with it. */
(function () {
  "use strict";
  var DAY_FIRST = /^(\d{1,2})[-\/. ](\d{1,2})[-\/. ](\d{4})$/, DIGITS = /^(\d\d)(\d\d)(\d{4})$/;
  var YEAR_FIRST = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;

  function two(number) { return ("0" + number).slice(-2); }
  function written(text) {
    var found = text.match(DAY_FIRST) || text.match(DIGITS);
    if (found) return two(found[1]) + "-" + two(found[2]) + "-" + found[3];
    found = text.match(YEAR_FIRST);
    return found ? two(found[3]) + "-" + two(found[2]) + "-" + found[1] : text;
  }
  // before anybody else hears of the change, so that what is saved is what stands there
  document.addEventListener("change", function (event) {
    if (event.target.matches("input[data-day]")) event.target.value = written(event.target.value.trim());
  }, true);
})();
