"""What a page is judged by in Chromium: WCAG 2.2 AA by axe, and that it is not wider than the screen."""

from pathlib import Path

AXE = Path(__file__).parents[2] / "addon/operator/console/node_modules/axe-core/axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FAULTS = """(levels) => axe.run(document, { runOnly: levels, preload: false }).then((found) =>
  found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`))"""
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
