/* The rows of one file on the map: one canvas for up to 20,000 points, shapes by verdict, worst on top.
   No names and no numbers reach this script: positions, verdicts and row ids only. */
(function () {
  "use strict";

  // Shape and colour of each verdict, the same as the chips beside the list; size in pixels.
  var LOOK = {
    inside: { shape: "disc", color: "#3986CB", size: 6 },
    near_border: { shape: "ring", color: "#123669", size: 7 },
    neighbour: { shape: "triangle", color: "#AD7D05", size: 13 },
    elsewhere: { shape: "diamond", color: "#B12F19", size: 13 },
    unmapped: { shape: "cross", color: "#E9209A", size: 11 },
    no_polygon: { shape: "square", color: "#5D5D5D", size: 8 },
    no_point: { shape: "disc", color: "#5D5D5D", size: 6 },
  };
  var DRAW_ORDER = ["no_polygon", "inside", "near_border", "neighbour", "elsewhere", "unmapped"];
  var NEAR_PX = 9;

  var SHAPES = {
    disc: function (ctx, x, y, r) { ctx.beginPath(); ctx.arc(x, y, r, 0, 7); ctx.fill(); ctx.stroke(); },
    ring: function (ctx, x, y, r, color) {
      ctx.beginPath(); ctx.arc(x, y, r - 1, 0, 7); ctx.fillStyle = "#fff"; ctx.fill();
      ctx.strokeStyle = color; ctx.lineWidth = 2; ctx.stroke();
      ctx.beginPath(); ctx.arc(x, y, 1.6, 0, 7); ctx.fillStyle = color; ctx.fill();
    },
    triangle: function (ctx, x, y, r) { path(ctx, [[x, y - r], [x + r, y + r * 0.8], [x - r, y + r * 0.8]]); },
    diamond: function (ctx, x, y, r) { path(ctx, [[x, y - r], [x + r, y], [x, y + r], [x - r, y]]); },
    square: function (ctx, x, y, r, color) {
      ctx.fillStyle = "#fff"; ctx.strokeStyle = color; ctx.lineWidth = 2;
      ctx.beginPath(); ctx.rect(x - r, y - r, 2 * r, 2 * r); ctx.fill(); ctx.stroke();
    },
    cross: function (ctx, x, y, r, color) {
      [["#fff", 5], [color, 3]].forEach(function (pen) {
        ctx.strokeStyle = pen[0]; ctx.lineWidth = pen[1]; ctx.beginPath();
        ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r);
        ctx.stroke();
      });
    },
  };

  function path(ctx, corners) {
    ctx.beginPath();
    corners.forEach(function (corner, i) { ctx[i ? "lineTo" : "moveTo"](corner[0], corner[1]); });
    ctx.closePath(); ctx.fill(); ctx.stroke();
  }

  /* One canvas over the map, drawn again after each move. */
  var Points = L.Layer.extend({
    initialize: function () { this._rows = []; this._cells = []; },
    onAdd: function (map) {
      this._map = map;
      // above the outlines and the villages' names; clicks pass through to the map
      var pane = map.getPane("points") || map.createPane("points");
      pane.style.zIndex = 660;
      pane.style.pointerEvents = "none";
      this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", pane);
      map.on("moveend resize zoomend", this._draw, this);
      this._draw();
    },
    onRemove: function (map) {
      map.off("moveend resize zoomend", this._draw, this);
      this._canvas.remove();
    },
    show: function (picture) {
      var rank = {};
      DRAW_ORDER.forEach(function (name, i) { rank[name] = i; });
      this._rows = (picture.points || []).map(function (p) {
        return { at: L.latLng(p[1], p[0]), verdict: picture.verdicts[p[2]], id: p[3] };
      });
      this._rows.sort(function (a, b) { return rank[a.verdict] - rank[b.verdict]; });
      this._cells = (picture.cells || []).map(function (c) {
        return { at: L.latLng(c[1], c[0]), counts: c[2] };
      });
      this._verdicts = picture.verdicts;
      if (this._map) this._draw();
    },
    bounds: function () {
      return L.latLngBounds(this._rows.concat(this._cells).map(function (row) { return row.at; }));
    },
    near: function (place) {
      var map = this._map;
      return this._rows.filter(function (row) {
        return map.latLngToContainerPoint(row.at).distanceTo(place) <= NEAR_PX;
      });
    },
    _draw: function () {
      var map = this._map, size = map.getSize(), canvas = this._canvas;
      var ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      canvas.width = size.x * ratio; canvas.height = size.y * ratio;
      canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
      var ctx = canvas.getContext("2d");
      ctx.scale(ratio, ratio);
      this._rows.forEach(function (row) {
        var p = map.latLngToContainerPoint(row.at), look = LOOK[row.verdict];
        if (p.x < -10 || p.y < -10 || p.x > size.x + 10 || p.y > size.y + 10) return;
        ctx.fillStyle = look.color; ctx.strokeStyle = "#fff"; ctx.lineWidth = 1;
        SHAPES[look.shape](ctx, p.x, p.y, look.size * (look.shape === "disc" ? 0.75 : 0.6), look.color);
      });
      this._cells.forEach(function (cell) { this._drawCell(ctx, cell); }, this);
    },
    _drawCell: function (ctx, cell) {
      var p = this._map.latLngToContainerPoint(cell.at);
      var all = cell.counts.reduce(function (a, b) { return a + b; }, 0);
      var r = Math.min(34, 10 + Math.sqrt(all) / 3);
      var worst = DRAW_ORDER.filter(function (v) { return cell.counts[this._verdicts.indexOf(v)]; }, this).pop();
      ctx.fillStyle = "#fff"; ctx.strokeStyle = LOOK[worst].color; ctx.lineWidth = 3;
      ctx.beginPath(); ctx.arc(p.x, p.y, r, 0, 7); ctx.fill(); ctx.stroke();
      ctx.fillStyle = "#1B2229"; ctx.font = "13px system-ui"; ctx.textAlign = "center"; ctx.textBaseline = "middle";
      ctx.fillText(all.toLocaleString(words.language), p.x, p.y);
    },
  });

  var words = {};
  function say(name, values) { return window.portal.say(words, name, values); }

  function drawOutlines(map, collection) {
    var base = window.VillageBase.draw(map, collection);
    window.portal.attributeEditions(map, collection.features, words);
    return base;
  }

  /* Several rows at one place open a list, never the top one alone. */
  function pick(rows, data) {
    var box = document.getElementById("map-pick");
    box.textContent = "";
    box.hidden = !rows.length;
    if (!rows.length) return;
    var close = document.createElement("button");
    close.type = "button"; close.textContent = "×"; close.title = words.close;
    close.addEventListener("click", function () { box.hidden = true; });
    var title = document.createElement("b");
    title.textContent = say("here", { count: rows.length });
    var list = document.createElement("ul");
    rows.slice(0, 50).forEach(function (row) {
      var item = document.createElement("li"), link = document.createElement("a");
      link.href = data.row.replace("/0/", "/" + row.id + "/") + (data.query ? "?" + data.query : "");
      var chip = document.querySelector(".verdict-" + row.verdict);
      link.textContent = words.proposal + " " + row.id + " ";
      if (chip) link.appendChild(chip.cloneNode(true));
      item.appendChild(link); list.appendChild(item);
    });
    box.appendChild(close); box.appendChild(title); box.appendChild(list);
    close.focus();
  }

  function readWords() {
    var holder = document.getElementById("map-words");
    if (holder) words = holder.dataset;
  }

  window.showProposals = function (map) {
    readWords();
    map.options.zoomSnap = 0.25; // no base map whose tiles would need whole steps
    var box = map.getContainer(), data = box.dataset, note = document.getElementById("map-note");
    var points = new Points().addTo(map), inCells = false, fitted = false;

    function ask() {
      var url = data.points;
      if (inCells) url += "&box=" + map.getBounds().toBBoxString();
      return window.portal.loadJson(url).then(function (picture) {
        points.show(picture);
        inCells = inCells || Boolean(picture.cells);
        var text = picture.cells ? say("cells", { total: picture.total })
          : picture.points.length ? say("drawn", { drawn: picture.points.length }) : words.none;
        if (picture.protected) text += " " + say("protected", { count: picture.protected });
        note.textContent = text;
        box.dataset.drawn = (picture.points || picture.cells).length;
        box.dataset.form = picture.cells ? "cells" : "points";
        var around = points.bounds(), all = picture.extent;
        if (all) around = L.latLngBounds([all[1], all[0]], [all[3], all[2]]);
        if (!fitted && around.isValid()) { fitted = true; map.fitBounds(around.pad(0.1), { animate: false, maxZoom: 16 }); }
      }).catch(function () { note.textContent = words.failed; });
    }

    ask().then(function () {
      map.on("moveend", function () { if (inCells) ask(); });
      if (inCells) ask(); // the first answer was for the whole country; this one is for the view
    });
    window.portal.loadJson(data.outlines).then(function (collection) {
      if (collection.omitted) note.textContent += " " + say("omitted", { count: collection.omitted });
      var layer = drawOutlines(map, collection);
      if (!fitted && layer.bounds().isValid()) { fitted = true; map.fitBounds(layer.bounds(), { animate: false }); }
    }).catch(function () { note.textContent += " " + words.outlinesFailed; });
    map.on("click", function (event) { pick(points.near(event.containerPoint), data); });
    map.on("mousemove", function (event) {
      box.style.cursor = points.near(event.containerPoint).length ? "pointer" : "";
    });
  };

  /* One proposal: its point, the claimed village and the one it lies in. */
  window.showProposal = function (map) {
    readWords();
    map.options.zoomSnap = 0.25;
    var outlines = JSON.parse(document.getElementById("inset-outlines").textContent);
    var picture = JSON.parse(document.getElementById("inset-point").textContent);
    var bounds = drawOutlines(map, outlines).claimed();
    if (picture) {
      var points = new Points().addTo(map);
      points.show(picture);
      bounds.extend(points.bounds());
      map.getContainer().dataset.drawn = picture.points.length;
    }
    drawMissed(map, picture, bounds);
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.15), { animate: false, maxZoom: 17 });
  };

  /* The line from the point to the border that it missed, with the metres. */
  function drawMissed(map, picture, bounds) {
    var missed = JSON.parse(document.getElementById("inset-missed").textContent);
    if (!picture || !picture.points.length || !missed.length) return;
    var from = picture.points[0], line = L.polyline([[from[1], from[0]], [missed[1], missed[0]]], {
      className: "missed-border", color: "#1B2229", weight: 2, dashArray: "4 3", interactive: false,
    }).addTo(map);
    line.bindTooltip(map.getContainer().dataset.wordMetres, { permanent: true, direction: "top", className: "map-metres", opacity: 1 });
    bounds.extend(line.getBounds());
  }
})();
