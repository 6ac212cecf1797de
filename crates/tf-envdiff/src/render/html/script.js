"use strict";
(function () {
  const form = document.getElementById("filters");
  if (!form) return;
  const rows = Array.from(document.querySelectorAll("#matrix tbody tr"));
  const field = (id) => document.getElementById(id);
  const apply = () => {
    const text = field("text").value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = ["verdict", "layer", "stack"].every((id) => !field(id).value || row.dataset[id] === field(id).value);
      row.hidden = !(fits && (!text || row.textContent.toLowerCase().includes(text)));
      if (!row.hidden) shown += 1;
    }
    field("count").textContent = shown + " of " + rows.length;
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
