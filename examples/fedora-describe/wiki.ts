// Fedora's wiki: wiki.article.edit, wiki.upload.complete
import type { Describer } from "fedbus/schemas";
import { bodyOf, stepsOf, text, texts } from "./body.js";

const icon = "https://fedoraproject.org/w/skins/common/images/mediawiki.png";
const descriptionMax = 35;

export const wiki: Describer = {
  topics: "org.fedoraproject.*.wiki.#",
  describe: ({ topic, msg }) => {
    const body = bodyOf(msg);
    if (stepsOf(topic)[1] === "upload") {
      const who = text(body.user_text);
      const name = text(bodyOf(body.title).mPrefixedText);
      const said = text(body.description).slice(0, descriptionMax);
      const subtitle = `${who} uploaded ${name} to the wiki: "${said}..."`;
      const objects = [text(body.url).replace(/^\//, "")];
      return { icon, subtitle, users: texts(who.toLowerCase()), objects };
    }
    const [who, title] = [text(body.user), text(body.title)];
    return {
      icon,
      subtitle: `${who} made a wiki edit to "${title}"`,
      link: text(body.url).replace(/^http:/, "https:"),
      users: texts(who.toLowerCase()),
      objects: [`${title}-page`],
    };
  },
};
