/* The error finder: the rules of `provenv.explain` again, for the browser. A test holds the two against each other. */
"use strict";
(() => {
  const MARK = "."
  const ESCAPES = /\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]/g
  const PREFIX = /^(?:\s*(?:#\d+ +(?:\d+\.\d+ )?|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:? |\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? |[\w.-]{1,40} +\| |[>|│┃║╎┆*-]+ ))+/

  const clean = text => text.replace(ESCAPES, "").split("\n").map(line => line.replace(PREFIX, "")).join("\n")
  const compact = text => text.replace(/\s+/g, "").toLowerCase().replace(/[^a-z]+/g, MARK)
  const spaced = text => text.toLowerCase().replace(/[^a-z]+/g, MARK)
  const withDigits = text => text.replace(/[^a-z0-9]+/g, MARK)
  const NAME = "<name>"
  const REPEAT = /\{[\d,]+\}/g
  const GROUP = /\([^()]*\)[?*+]?|\[[^\]]*\][?*+]?|\\.[?*+]?|[a-z0-9][?*]/g
  const wordOf = text => {
    let [rest, smaller] = [text, ""]
    while (rest !== smaller) [rest, smaller] = [rest.replaceAll(NAME, "#").replace(REPEAT, "*").replace(GROUP, "#"), rest]
    return rest.includes("|") ? "" : (rest.match(/[a-z]+/g) || [""]).reduce((one, other) => other.length > one.length ? other : one)
  }
  const partOfPattern = text => ({
    text,
    forbids: text.startsWith("!"),
    expression: text.replace(/^!/, "").replaceAll(" ", "\\.?").replaceAll("_", "\\."),
    digits: /\d|\\d/.test(text.replace(REPEAT, "")),
  })
  const bare = text => text.replace(/^\.+|\.+$/g, "")

  function makeIndex({ limits, background, answers }) {
    const shingles = text => {
      const found = new Set()
      for (let at = 0; at + limits.shingle <= text.length; at++) found.add(text.slice(at, at + limits.shingle))
      return found
    }
    const partsOf = text => {
      const pieces = text.replaceAll("{", "").replaceAll("}", "").split("[..]")
      return new Set(pieces.flatMap(piece => [...shingles(compact(piece))]))
    }
    const common = new Set(background.flatMap(text => [...shingles(compact(text))]))
    const known = answers.map(answer => ({
      ...answer,
      patterns: answer.patterns.map(text => {
        const parts = text.split(" & ").map(partOfPattern)
        return { parts, named: text.includes(NAME), words: parts.filter(part => !part.forbids).map(part => wordOf(part.text)) }
      }),
      signatures: answer.texts.map(text => ({
        parts: partsOf(text),
        musts: text.split("{").slice(1).map(part => part.split("}")[0]),
      })),
    }))
    const holders = new Map()
    for (const answer of known) {
      for (const part of new Set(answer.signatures.flatMap(signature => [...signature.parts]))) holders.set(part, (holders.get(part) || 0) + 1)
    }
    const top = Math.log(1 + known.length)
    const weights = new Map([...holders].map(([part, held]) => [part, common.has(part) ? 0 : Math.log(1 + known.length / held) / top]))
    const weigh = parts => { let sum = 0; for (const part of parts) sum += weights.get(part); return sum }
    for (const answer of known) for (const signature of answer.signatures) signature.whole = weigh(signature.parts)

    const stands = (words, text) => {
      for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
        const after = text.charAt(at + words.length)
        if (after === "" || after === MARK) return true
      }
      return false
    }
    const has = (seen, words) => stands(bare(compact(words)), seen.text) || stands(bare(spaced(words)), seen.spaced)

    function matched(signature, seen) {
      let there = 0
      for (const part of signature.parts) if (seen.parts.has(part)) there += weights.get(part)
      let whole = signature.whole
      const together = signature.musts.length >= limits.together
      if (there < limits.with_part.weight && !together) return 0
      const hasPart = signature.musts.length > 0 && signature.musts.every(must => has(seen, must))
      if (hasPart && together) [there, whole] = [Math.max(there, limits.with_part.weight), Math.max(whole, limits.with_part.weight)]
      const demand = hasPart ? limits.with_part : limits.whole
      if (there < Math.max(demand.weight, demand.share * whole)) return 0
      return there * (there / whole) + (hasPart ? limits.part * signature.musts.length : 0)
    }

    const compiled = new Map()
    const expression = text => {
      if (!compiled.has(text)) compiled.set(text, new RegExp(text, "g"))
      return compiled.get(text)
    }
    const forms = (part, seen) => part.digits ? seen.withDigits : [seen.text, seen.spaced]
    const partStands = (part, seen, name) => {
      const wanted = expression(part.expression.replaceAll(NAME, name))
      return forms(part, seen).some(form => form.search(wanted) >= 0)
    }
    const namesOf = (part, seen) => {
      const wanted = expression(part.expression.replaceAll(NAME, "([a-z]+)"))
      return new Set(forms(part, seen).flatMap(form => [...form.matchAll(wanted)].map(each => each[1])))
    }
    const fits = ({ named, parts, words }, seen) => {
      if (!words.every(word => seen.text.includes(word))) return false
      const all = (some, name) => some.every(part => partStands(part, seen, name) !== part.forbids)
      return named ? [...namesOf(parts[0], seen)].some(name => all(parts.slice(1), name)) : all(parts, "")
    }

    function score(answer, seen) {
      const patterns = answer.patterns.filter(pattern => fits(pattern, seen)).map(pattern => limits.pattern * pattern.parts.filter(part => !part.forbids).length)
      const scores = [...patterns, ...answer.signatures.map(signature => matched(signature, seen))].sort((one, other) => other - one)
      if (!scores.length || scores[0] <= 0) return 0
      const hints = answer.hints.filter(hint => has(seen, hint)).length
      return scores[0] + 0.2 * (scores[1] || 0) + 0.2 * (scores[2] || 0) + limits.hint * hints
    }

    return paste => {
      const text = clean(paste)
      const lower = text.toLowerCase()
      const seen = {
        text: compact(text),
        spaced: spaced(text),
        withDigits: [withDigits(lower.replace(/\s+/g, "")), withDigits(lower)],
        parts: shingles(compact(text)),
      }
      const found = known.map(answer => ({ answer, score: Math.round(score(answer, seen) * 1000) / 1000 })).filter(each => each.score > 0)
      found.sort((one, other) => other.score - one.score || (one.answer.title < other.answer.title ? -1 : 1))
      return found.filter(each => each.score >= found[0].score / 5).slice(0, limits.most)
    }
  }

  if (!window.provenvErrors) return
  const explain = makeIndex(window.provenvErrors)
  window.provenvExplain = explain
  const form = document.querySelector(".pv-explain")
  if (!form) return
  const [paste, output] = [form.querySelector("textarea"), form.querySelector("output")]

  const element = (name, text, inside = []) => {
    const made = document.createElement(name)
    made.textContent = text
    made.append(...inside)
    return made
  }

  function shown({ answer }) {
    const link = element("a", answer.title)
    link.href = `../${answer.url}`
    const proven = answer.recipe ? "Sprung and mended in a recipe." : "No recipe proves this one."
    return element("li", "", [element("strong", "", [link]), element("p", answer.cause), element("p", answer.fix), element("p", proven)])
  }

  function answer() {
    output.replaceChildren()
    if (!paste.value.trim()) return
    const found = explain(paste.value)
    output.append(found.length
      ? element("ol", "", found.map(shown))
      : element("p", "Unknown. None of the errors that are known here is in this text. Look for the first error in the output, above what followed from it."))
  }
  paste.addEventListener("input", answer)
  form.addEventListener("submit", event => event.preventDefault())
  answer()
})()
