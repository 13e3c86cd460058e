/* The area of a hazard: corners clicked on the map or typed in the field, the same text either way.
   The field holds one corner a line, "longitude, latitude"; the server reads and judges it. */
(function () {
  "use strict";

  window.showDrawArea = function (map) {
    var field = document.getElementById("id_area"), said = document.getElementById("draw-said");
    var element = map.getContainer(), shape = null, dots = L.layerGroup().addTo(map);
    element.dataset.drawn = 0;
    element.classList.add("is-drawing");
    map.portalIsDrawing = true;
    function lines() { return field.value.split(/[;\n]/).filter(function (line) { return line.trim(); }); }
    function corners() {
      return lines().map(function (line) {
        var found = /^\s*(-?[\d.]+)\s*[,\s]\s*(-?[\d.]+)\s*$/.exec(line);
        return found ? L.latLng(Number(found[2]), Number(found[1])) : null;
      }).filter(Boolean);
    }
    function show() {
      var all = corners();
      if (shape) shape.remove();
      dots.clearLayers();
      shape = all.length ? L.polygon(all, { color: "#1B2229", weight: 2, fillColor: "#f03b20", fillOpacity: 0.25, interactive: false }).addTo(map) : null;
      all.forEach(function (at) {
        L.circleMarker(at, { radius: 4, color: "#1B2229", weight: 2, fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(dots);
      });
      element.dataset.drawn = all.length;
      var words = said.dataset;
      said.textContent = !all.length ? words.begin
        : words.corners.replace("{n}", all.length) + (all.length < 3 ? ". " + words.few : "");
      return all;
    }
    function write(all) {
      field.value = all.join("\n");
      show();
    }

    map.on("click", function (click) {
      var at = click.latlng.wrap();
      write(lines().concat(at.lng.toFixed(5) + ", " + at.lat.toFixed(5)));
    });
    field.addEventListener("input", show);
    document.getElementById("draw-back").addEventListener("click", function () { write(lines().slice(0, -1)); });
    document.getElementById("draw-clear").addEventListener("click", function () { write([]); field.focus(); });
    var known = show();
    if (known.length > 1) map.fitBounds(L.latLngBounds(known).pad(0.3), { animate: false });
    if (element.dataset.boundaries) {
      // the address is written for the first tile
      element.dataset.boundaries = element.dataset.boundaries.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt");
      window.VectorMap.mount(element, map).catch(function () { /* the corners can be drawn without */ });
    }
  };
})();
