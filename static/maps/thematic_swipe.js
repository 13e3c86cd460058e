/* Swipes between two periods: the second map lies over the first and is cut off left of a line. The
   line is moved by the slider (with the arrow keys, too) or dragged. Both maps show the same place
   (thematic.js). The element #theme-swipe has data-word-share, data-left and data-right. */
(function () {
  "use strict";
  var slider = document.getElementById("theme-swipe");
  var box = document.querySelector(".theme-swipe-maps");
  var over = box.querySelectorAll(".theme-map")[1], line = box.querySelector(".theme-swipe-line");

  function show() {
    var share = Number(slider.value), data = slider.dataset;
    over.style.clipPath = "inset(0 0 0 " + share + "%)";
    line.style.left = share + "%";
    slider.setAttribute("aria-valuetext", data.wordShare.replace("{share}", share)
      .replace("{left}", data.left).replace("{right}", data.right));
  }
  slider.addEventListener("input", show);
  line.addEventListener("pointerdown", function (event) {
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  line.addEventListener("pointermove", function (event) {
    if (!line.hasPointerCapture(event.pointerId)) return;
    var at = box.getBoundingClientRect();
    slider.value = Math.round(100 * (event.clientX - at.left) / at.width);
    show();
  });
  show();
})();
