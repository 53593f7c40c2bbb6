// Says messages of some of Fedora's applications in sentences.
import { type Describer, describe } from "fedbus/schemas";
import { anitya } from "./anitya.js";
import { stepsOf } from "./body.js";
import { buildsys } from "./buildsys.js";
import { compose } from "./compose.js";
import { git } from "./git.js";
import { openqa } from "./openqa.js";
import { wiki } from "./wiki.js";

/** With a title, which is the same for all: the topic behind its environment. */
function titled(describer: Describer): Describer {
  return {
    ...describer,
    describe: (event) => {
      const description = describer.describe(event);
      return description && { title: stepsOf(event.topic).join("."), ...description };
    },
  };
}

export default describe(...[anitya, buildsys, compose, git, openqa, wiki].map(titled));
