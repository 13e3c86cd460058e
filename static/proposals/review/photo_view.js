/* A photo of the evidence, large, over the page: a click on it or P opens it, the arrows lead to the
   next one, Escape leads back to where the focus was. Without this script a photo is a link.
   It hears proposals:photo of the document: the first photo is wanted. */
(function () {
  "use strict";
  var dialog = document.getElementById("photo-view");
  if (!dialog) return;
  var picture = dialog.querySelector("img"), words = dialog.querySelector("[data-words]");
  var photos = [], at = 0, before = null;

  function show(number) {
    at = (number + photos.length) % photos.length;
    var caption = photos[at].parentNode.querySelector("figcaption").textContent;
    picture.src = photos[at].href;
    picture.alt = photos[at].querySelector("img").alt;
    words.textContent = (at + 1) + " / " + photos.length + " · " + caption.replace(/\s+/g, " ").trim();
  }

  function open(link) {
    photos = Array.prototype.slice.call(document.querySelectorAll("a[data-photo]"));
    if (!photos.length) return;
    before = document.activeElement;
    dialog.querySelectorAll("[data-step]").forEach(function (one) { one.hidden = photos.length < 2; });
    show(Math.max(0, photos.indexOf(link)));
    dialog.showModal();
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-photo]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener("proposals:photo", function () { open(null); });
  dialog.addEventListener("click", function (event) {
    var button = event.target.closest("[data-step]");
    if (button) show(at + Number(button.dataset.step));
  });
  dialog.addEventListener("keydown", function (event) {
    var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || photos.length < 2) return;
    event.preventDefault();
    show(at + step);
  });
  dialog.addEventListener("close", function () {
    picture.removeAttribute("src");
    if (before && before.isConnected) before.focus({ preventScroll: true });
  });
})();
