// Functions that run in the page.

/** Whether the elements of these ids have these values. */
export function shown(values) {
  return Object.entries(values).every(([id, value]) => Number(document.getElementById(id).value) === value);
}

/** Texts whose contrast is below 4.5 to 1. Source: WCAG 2.2, relative luminance and contrast ratio. */
export function contrasts() {
  const channels = colour => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, noscript, template")) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${texts.currentNode.data.trim().slice(0, 20)} ${ratio.toFixed(1)}`);
  }
  return poor;
}

/** The problems that the banner names; none while it is hidden. */
export function banner() {
  return document.getElementById("problems").hidden ? [] : [...document.querySelectorAll("#problem-list li")].map(each => each.textContent);
}

/** Milliseconds from the oldest event that the page knows to the newest. */
export function remembered() {
  return events.length ? events[events.length - 1].at - events[0].at : 0; // a variable of the page
}

/** Faults that axe finds serious or worse. It is in the page already. */
export async function faults() {
  const { violations } = await axe.run();
  return violations.filter(each => ["serious", "critical"].includes(each.impact)).map(each => `${each.id}: ${each.nodes.map(node => node.target.join(" ")).join(", ")}`);
}
