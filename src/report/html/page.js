"use strict";
(() => {
  const form = document.querySelector(".filters");
  const requirements = [...document.querySelectorAll(".requirement")];
  const areas = [...document.querySelectorAll(".area")];
  const words = new Map(requirements.map((one) => [one, one.textContent.toLowerCase()]));

  const filter = () => {
    const states = new Set([...form.querySelectorAll("[name=state]:checked")].map((box) => box.value));
    const level = form.elements.level.value;
    const area = form.elements.area.value;
    const wanted = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const section of areas) {
      let any = false;
      for (const one of section.querySelectorAll(".requirement")) {
        const fits = states.has(one.dataset.state)
          && (!level || one.dataset.level === level)
          && (!area || section.dataset.area === area)
          && wanted.every((word) => words.get(one).includes(word));
        one.hidden = !fits;
        any ||= fits;
        shown += fits;
      }
      section.hidden = !any;
    }
    form.elements.shown.value = `${shown} of ${requirements.length} shown`;
    document.querySelector(".none").hidden = shown > 0;
  };

  const openAll = (open) => {
    for (const one of requirements) {
      if (!one.hidden) one.open = open;
    }
  };

  // A link to a requirement shows it whatever the filters say.
  const follow = () => {
    const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!one?.matches(".requirement")) return;
    if (one.hidden) {
      form.reset();
      filter();
    }
    one.open = true;
    one.scrollIntoView();
    one.querySelector("summary").focus();
  };

  const copy = async (button) => {
    const pre = button.closest("figure").querySelector("pre");
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      // Where a page may not use the clipboard, the text is at least ready to be copied.
      getSelection().selectAllChildren(pre);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };

  for (const event of ["input", "change"]) form.addEventListener(event, filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.elements.open.addEventListener("click", () => openAll(true));
  form.elements.close.addEventListener("click", () => openAll(false));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.text.focus();
    }
  });
  // On paper nothing can be opened.
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const one of requirements) {
      if (!one.hidden && !one.open && one.matches(".failed, .advice")) {
        one.open = true;
        closed.push(one);
      }
    }
  });
  addEventListener("afterprint", () => {
    for (const one of closed.splice(0)) one.open = false;
  });
  addEventListener("hashchange", follow);
  // A browser may keep what was typed when the page is loaded again.
  filter();
  follow();
})();
