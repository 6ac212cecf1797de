"use strict";

// Narrows, sorts and opens the table of findings. Everything shows without this script.
(() => {
  const form = document.getElementById("filters");
  const table = document.querySelector("table.findings");
  if (!form || !table) {
    return;
  }
  const severities = ["critical", "high", "medium", "low", "info"];
  const shown = document.getElementById("shown");
  const toggleAll = document.getElementById("toggle-all");

  const entries = Array.from(table.tBodies, (body, index) => {
    const cell = body.querySelector("[data-opens]");
    const entry = { body, index, text: body.textContent.toLowerCase(), details: null, button: null };
    if (cell) {
      entry.details = document.getElementById(cell.dataset.opens);
      entry.button = document.createElement("button");
      entry.button.type = "button";
      entry.button.className = "toggle";
      entry.button.setAttribute("aria-controls", cell.dataset.opens);
      entry.button.append(...cell.childNodes);
      entry.button.addEventListener("click", () => open(entry, entry.details.hidden));
      cell.append(entry.button);
      open(entry, false);
    }
    return entry;
  });

  function open(entry, wanted) {
    if (entry.details) {
      entry.details.hidden = !wanted;
      entry.button.setAttribute("aria-expanded", String(wanted));
    }
  }

  function openAll(wanted) {
    entries.forEach((entry) => open(entry, wanted));
    toggleAll.setAttribute("aria-expanded", String(wanted));
    toggleAll.textContent = wanted ? "Close all" : "Open all";
  }

  function matches(entry, words, choices) {
    return (
      words.every((word) => entry.text.includes(word)) &&
      choices.every(([name, value]) => (entry.body.dataset[name] || "").split("\n").includes(value))
    );
  }

  function filter() {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const choices = Array.from(form.querySelectorAll("select"), (select) => [select.name, select.value]).filter(
      ([, value]) => value !== "",
    );
    let count = 0;
    for (const entry of entries) {
      entry.body.hidden = !matches(entry, words, choices);
      count += entry.body.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${entries.length}`;
  }

  function key(entry, column) {
    return column === 0
      ? severities.indexOf(entry.body.dataset.severity)
      : entry.body.rows[0].cells[column].textContent;
  }

  function sort(header, column) {
    const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) {
      other.removeAttribute("aria-sort");
    }
    header.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    const order = new Intl.Collator("en", { numeric: true });
    const compare = (a, b) => (column === 0 ? a - b : order.compare(a, b));
    entries
      .map((entry) => [key(entry, column), entry])
      .sort(([a, left], [b, right]) => direction * compare(a, b) || left.index - right.index)
      .forEach(([, entry]) => table.append(entry.body));
  }

  Array.from(table.tHead.rows[0].cells, (header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header, column));
    header.append(button);
  });

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = entries.filter((entry) => entry.details && !entry.details.hidden);
    entries.forEach((entry) => open(entry, true));
  });
  window.addEventListener("afterprint", () => {
    entries.forEach((entry) => open(entry, opened.includes(entry)));
  });

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  toggleAll.addEventListener("click", () => openAll(toggleAll.getAttribute("aria-expanded") !== "true"));
  form.hidden = false;
  filter();
})();
