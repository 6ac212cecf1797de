"use strict";

// Narrows and opens changes and findings. Everything shows without this script.
(() => {
  const reveal = () => {
    const target = location.hash.startsWith("#change-") && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
    }
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  const form = document.getElementById("filters");
  if (!form) {
    return;
  }
  const shown = document.getElementById("shown");
  const toggleAll = document.getElementById("toggle-all");
  const items = Array.from(document.querySelectorAll(".item"), (element) => ({ element, text: null }));
  const groups = Array.from(document.querySelectorAll(".group, .risk, #findings, #changes, #outputs"));
  let opened = null;

  function matches(item, words, action) {
    if (action && item.element.dataset.action !== action) {
      return false;
    }
    if (words.length === 0) {
      return true;
    }
    item.text = item.text ?? item.element.textContent.toLowerCase();
    return words.every((word) => item.text.includes(word));
  }

  function filter() {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const action = form.elements.action.value;
    const narrowed = words.length > 0 || action !== "";
    let count = 0;
    for (const item of items) {
      const hit = matches(item, words, action);
      item.element.hidden = !hit;
      count += hit ? 1 : 0;
    }
    const folds = Array.from(document.querySelectorAll("details.group"));
    if (narrowed && opened === null) {
      opened = folds.filter((fold) => fold.open);
    }
    for (const group of groups) {
      group.hidden = narrowed && group.querySelector(".item:not([hidden])") === null;
    }
    for (const fold of folds) {
      fold.open = narrowed || (opened === null ? fold.open : opened.includes(fold));
    }
    if (!narrowed) {
      opened = null;
    }
    shown.textContent = narrowed ? `${count} of ${items.length}` : "";
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 80);
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  function openAll(wanted) {
    for (const fold of document.querySelectorAll("main details")) {
      fold.open = wanted;
    }
    toggleAll.setAttribute("aria-expanded", String(wanted));
    toggleAll.textContent = wanted ? "Close all" : "Open all";
  }
  toggleAll.addEventListener("click", () => openAll(toggleAll.getAttribute("aria-expanded") !== "true"));

  let before = [];
  window.addEventListener("beforeprint", () => {
    before = Array.from(document.querySelectorAll("main details:not([open])"));
    before.forEach((fold) => (fold.open = true));
  });
  window.addEventListener("afterprint", () => before.forEach((fold) => (fold.open = false)));

  form.hidden = false;
})();
