const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that a browser does not show, or that turn the direction of text. */
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text for HTML, in elements and in quoted attributes; what cannot be seen is shown by its number. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => entities[char]!)
    .replace(invisible, (char) => {
      const number = char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      return `<i class="code">U+${number}</i>`;
    });
}
