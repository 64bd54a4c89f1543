/* Filters of the index of traps: by text and by group, in the page alone. */
"use strict";
(() => {
  const form = document.querySelector(".pv-filter")
  if (!form) return
  const rows = [...document.querySelectorAll(".pv-traps tbody tr")]
  const [text, group, count] = [form.querySelector("input"), form.querySelector("select"), form.querySelector("output")]
  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean)
    let shown = 0
    for (const row of rows) {
      const told = row.textContent.toLowerCase()
      row.hidden = (group.value && row.dataset.group !== group.value) || !words.every(word => told.includes(word))
      if (!row.hidden) shown++
    }
    count.textContent = `${shown} of ${rows.length} traps`
  }
  form.addEventListener("input", filter)
  form.addEventListener("submit", event => event.preventDefault())
  filter()
})()
