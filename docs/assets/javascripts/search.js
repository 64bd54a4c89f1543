/* Whoever puts an error into the search gets what the error finder knows of it, above the pages that hold its words. */
"use strict";
(() => {
  const SHORTEST = 12  // characters: before that it is a word, and no error
  const MOST = 3
  const place = document.currentScript.src
  const input = document.querySelector(".md-search__input")
  const result = document.querySelector(".md-search-result")
  if (!input || !result) return

  const box = document.createElement("aside")
  box.className = "pv-found"
  box.setAttribute("aria-label", "Error finder")

  let loading
  const script = path => new Promise((resolve, reject) => {
    const made = document.createElement("script")
    made.src = new URL(path, place)
    made.onload = resolve
    made.onerror = reject
    document.head.append(made)
  })
  const finder = () => loading ||= (window.provenvErrors ? Promise.resolve() : script("../generated/errors.js"))
    .then(() => window.provenvExplain || script("explain.js"))
    .then(() => window.provenvExplain)

  function line({ answer }) {
    const link = document.createElement("a")
    link.href = new URL(`../../${answer.url}`, place)
    link.textContent = answer.title
    const cause = document.createElement("p")
    cause.textContent = answer.cause
    const item = document.createElement("li")
    item.append(link, cause)
    return item
  }

  async function look() {
    const asked = input.value
    const found = asked.trim().length < SHORTEST ? [] : (await finder())(asked)
    if (asked !== input.value) return
    const list = document.createElement("ol")
    list.append(...found.slice(0, MOST).map(line))
    box.replaceChildren("From the error finder", list)
    if (found.length) result.firstElementChild.after(box)
    else box.remove()
  }
  input.addEventListener("input", look)
  input.form.addEventListener("reset", () => setTimeout(look))
  if (input.value) look()
})()
