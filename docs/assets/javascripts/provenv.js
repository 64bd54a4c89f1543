/* Ages the badges by the reader's clock, and gives keyboards and screen readers what the theme leaves out. */
"use strict";
(() => {
  const DAY = 864e5
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" })
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act)

  /* The server's rule again: a proof is stale past its limit of days, or when it is dated more than a day ahead. */
  function age() {
    const now = Date.now()
    all("[data-pv-ran]", badge => {
      const days = (now - Date.parse(badge.dataset.pvRan)) / DAY
      const stale = days > Number(badge.dataset.pvMaxAge) || days < -1
      badge.dataset.pvOutcome = stale ? "stale" : "proven"
      badge.textContent = !stale ? "proven" : days < 0 ? "stale: dated in the future" : `stale: ${Math.floor(days)} days old`
    })
    all(":is(.pv-proof, .pv-matrix) time", time => {
      let told = time.nextElementSibling
      if (!told || told.className != "pv-age") {
        told = document.createElement("span")
        told.className = "pv-age"
        time.after(" ", told)
      }
      const day = moment => Math.floor(moment / DAY)
      told.textContent = words.format(day(Date.parse(time.dateTime)) - day(now), "day")
    })
    all("[data-pv-count]", count => {
      count.textContent = document.querySelectorAll(`.pv-scroll:not(.pv-today) .pv-badge[data-pv-outcome="${count.dataset.pvCount}"]`).length
    })
  }
  age()
  setInterval(age, 6e4)
  addEventListener("visibilitychange", age)

  /* Only what scrolls is a stop for the Tab key. */
  const watch = new ResizeObserver(entries => entries.forEach(({ target }) => {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute("tabindex")
  }))
  all("pre[tabindex], .pv-scroll", each => watch.observe(each))

  /* Names and roles that Material leaves out; a theme without these elements is left alone. */
  all(".md-search", each => each.setAttribute("aria-label", "Search"))
  new MutationObserver(() => {
    all(".md-typeset__scrollwrap", each => watch.observe(each))
    all(".md-code__nav:not([role])", each => {
      each.setAttribute("role", "none")
      each.firstElementChild.setAttribute("aria-label", each.closest(".pv-console") ? "Copy the commands" : "Copy")
    })
  }).observe(document.body, { childList: true, subtree: true })
  all("nav[aria-expanded]", each => each.removeAttribute("aria-expanded"))
  const button = (label, name) => {
    const face = label.firstElementChild
    face.setAttribute("role", "button")
    face.setAttribute("aria-label", name)
    face.setAttribute("tabindex", 0)
    face.addEventListener("keydown", event => {
      if (event.key != "Enter" && event.key != " ") return
      event.preventDefault()
      label.click()
    })
  }
  all(".md-header label[for=__drawer]", each => button(each, "Menu"))
  all(".md-header > nav > label[for=__search]", each => button(each, "Search"))
  all(".md-nav__container > label", each => {
    each.setAttribute("aria-label", each.previousElementSibling.textContent.trim())
    button(each, each.ariaLabel)
  })
})()
