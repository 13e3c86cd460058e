/* Selecting on the map: a drawn area or what is in view becomes the filter `area` of the address. */
(function () {
  "use strict";
  var tools = document.getElementById("ws-tools");
  if (!tools) return;
  var draw = document.getElementById("area-draw"), done = document.getElementById("area-done");
  var cancel = document.getElementById("area-cancel"), view = document.getElementById("area-view");
  var words = document.getElementById("area-said");

  document.addEventListener("proposals:ready", function (event) {
    var map = event.detail.map, corners = [], shape = null, isDrawing = false;
    // an area that is refused is drawn, too, as far as it has corners
    var known = (tools.dataset.area || "").split(",").map(Number), chosen = [];
    if (!known.every(function (part, i) { return Math.abs(part) <= (i % 2 ? 90 : 180); })) known = [];
    tools.hidden = false;
    document.dispatchEvent(new CustomEvent("proposals:resized"));
    for (var i = 0; i + 1 < known.length; i += 2) chosen.push([known[i + 1], known[i]]);
    if (chosen.length) L.polygon(chosen, { color: "#1B2229", weight: 2, dashArray: "2 5", fill: false, interactive: false }).addTo(map);

    function show() {
      if (shape) shape.remove();
      shape = corners.length ? L.polygon(corners, { color: "#1B2229", weight: 2, fillOpacity: 0.1, interactive: false }).addTo(map) : null;
    }
    function begin(on) {
      isDrawing = on;
      map.portalIsDrawing = on;
      corners = [];
      show();
      draw.hidden = on; done.hidden = !on; cancel.hidden = !on; view.hidden = on;
      words.textContent = on ? words.dataset.draw : "";
      map.getContainer().classList.toggle("is-drawing", on);
    }
    function filter(points) {
      var query = new URLSearchParams(tools.dataset.query);
      query.set("area", points.map(function (p) { return p.lng.toFixed(5) + "," + p.lat.toFixed(5); }).join(","));
      location.assign("?" + query.toString() + location.hash);
    }
    map.on("click", function (click) {
      if (!isDrawing) return;
      corners.push(click.latlng);
      show();
    });
    draw.addEventListener("click", function () { begin(true); });
    cancel.addEventListener("click", function () { begin(false); });
    done.addEventListener("click", function () {
      if (corners.length < 3) { words.textContent = words.dataset.few; return; }
      filter(corners);
    });
    document.getElementById("area-whole").addEventListener("click", function () {
      document.dispatchEvent(new CustomEvent("proposals:whole"));
    });
    view.addEventListener("click", function () {
      var box = map.getBounds();
      filter([box.getSouthWest(), box.getSouthEast(), box.getNorthEast(), box.getNorthWest()]);
    });
  });
})();
