/**
 * What the HTML report does by itself, in plain JavaScript that a browser runs as it stands: sentences of marks as tooltips,
 * choices, the filter of the ratios, the theme, the data as a file. The page says everything without it, too.
 */
export const REPORT_SCRIPT = `
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const tip = document.getElementById('tip');
  const MARK = '[aria-roledescription=point][aria-label],[aria-roledescription=bar][aria-label]';

  const show = (mark) => {
    for (const other of all('[data-at]')) other.removeAttribute('data-at');
    tip.hidden = mark === null;
    if (mark === null) return;
    mark.setAttribute('data-at', '');
    tip.textContent = mark.getAttribute('aria-label');
    const box = mark.getBoundingClientRect();
    const left = box.left + box.width / 2 - tip.offsetWidth / 2;
    const most = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const above = box.top - tip.offsetHeight - 10;
    tip.style.left = Math.max(8, Math.min(most, left)) + scrollX + 'px';
    tip.style.top = (above < 4 ? box.bottom + 10 : above) + scrollY + 'px';
  };

  /* The nearest mark, if the pointer is near one at all: dots are small. */
  const NEAR = 22;
  const nearest = (plot, x, y) => {
    let [found, least] = [null, NEAR];
    for (const mark of all(MARK, plot)) {
      const box = mark.getBoundingClientRect();
      if (box.width === 0 && box.height === 0) continue;
      const away = Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
      if (away < least) [found, least] = [mark, away];
    }
    return found;
  };

  for (const plot of all('.plot')) {
    plot.addEventListener('pointermove', (event) => show(nearest(plot, event.clientX, event.clientY)));
    plot.addEventListener('pointerleave', () => show(null));
    plot.addEventListener('blur', () => show(null));
    plot.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === 'Escape') show(null);
      if (step === undefined) return;
      event.preventDefault();
      const marks = all(MARK, plot);
      const at = marks.findIndex((mark) => mark.hasAttribute('data-at'));
      const next = at < 0 ? (step > 0 ? 0 : marks.length - 1) : (at + step + marks.length) % marks.length;
      show(marks[next] ?? null);
    });
  }

  for (const select of all('select[data-plots]')) {
    const apply = () => {
      show(null);
      for (const plot of all('.plot', select.closest('figure'))) plot.hidden = plot.dataset.choice !== select.value;
    };
    select.addEventListener('change', apply);
    apply();
  }

  for (const filters of all('[data-filter]')) {
    const rows = all('tbody tr', filters.nextElementSibling);
    const apply = () => {
      const wanted = all('select', filters).map((select) => [select.name, select.value]);
      for (const row of rows) row.hidden = wanted.some(([name, value]) => value !== '' && row.dataset[name] !== value);
    };
    filters.addEventListener('change', apply);
    apply();
  }

  for (const element of all('[data-needs-script]')) element.hidden = false;

  document.getElementById('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });

  document.getElementById('save').addEventListener('click', () => {
    const link = document.createElement('a');
    const text = document.getElementById('taillight-data').textContent;
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = 'comparison.json';
    link.click();
  });
})();
`.trim();
