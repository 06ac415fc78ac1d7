/** auth.test, users.*, bots.info and views.open. */
import { checkBlocks } from "../blocks.js";
import { SlackError, invalidArguments } from "../errors.js";
import type { MethodDeps, Methods } from "../method.js";
import type { Params } from "../params.js";
import { count, isRecord, nested, page, required } from "../params.js";
import type { Triggers } from "../triggers.js";
import type { User } from "../types.js";

const MAX_MODAL_BLOCKS = 100;
const MAX_PRIVATE_METADATA = 3000;
const MAX_TITLE = 24;

export function peopleMethods({ workspace, url }: MethodDeps, triggers: Triggers): Methods {
  const { team, bot } = workspace;

  function userInfo(params: Params) {
    const user = workspace.users.get(required(params, "user"));
    if (user === undefined) throw new SlackError("user_not_found");
    return { user: userView(user, team.id) };
  }

  function userList(params: Params) {
    const { items, next } = page([...workspace.users.values()], params, count(params, "limit", 1000, 1000));
    return { members: items.map((user) => userView(user, team.id)), response_metadata: { next_cursor: next } };
  }

  function botInfo(params: Params) {
    if (required(params, "bot") !== bot.botId) throw new SlackError("bot_not_found");
    return {
      bot: { id: bot.botId, app_id: bot.appId, user_id: bot.userId, name: bot.name, deleted: false, icons: {} },
    };
  }

  function openView(params: Params) {
    const view = nested(params, "view", "invalid_arguments");
    if (!isRecord(view) || view.type !== "modal") throw invalidArguments("view must be a modal");
    const title = isRecord(view.title) ? view.title.text : undefined;
    if (typeof title !== "string" || title === "" || title.length > MAX_TITLE)
      throw invalidArguments(`must be less than ${MAX_TITLE + 1} characters [json-pointer:/view/title/text]`);
    if (typeof view.private_metadata === "string" && view.private_metadata.length > MAX_PRIVATE_METADATA)
      throw invalidArguments("must be less than 3001 characters [json-pointer:/view/private_metadata]");
    const blocks = checkBlocks(view.blocks, MAX_MODAL_BLOCKS);
    const user = triggers.exchange(required(params, "trigger_id"));
    const id = workspace.nextId("V");
    triggers.views.push({ id, user, view: { ...view, blocks } });
    return { view: { ...view, id, blocks, team_id: team.id, app_id: bot.appId, bot_id: bot.botId, hash: id } };
  }

  const mine = { url, team: team.name, user: bot.name, team_id: team.id, user_id: bot.userId, bot_id: bot.botId };
  return {
    "auth.test": { run: () => ({ ...mine, is_enterprise_install: false }) },
    "users.info": { scopes: ["users:read"], run: userInfo },
    "users.list": { scopes: ["users:read"], run: userList },
    "bots.info": { scopes: ["users:read"], run: botInfo },
    "views.open": { run: openView },
  };
}

function userView(user: User, home: string): Record<string, unknown> {
  const guest = { is_restricted: user.guest !== undefined, is_ultra_restricted: user.guest === "single" };
  const names = { real_name: user.name, real_name_normalized: user.name };
  const display = { display_name: user.displayName, display_name_normalized: user.displayName };
  return {
    id: user.id,
    team_id: user.team,
    name: user.name.toLowerCase().replaceAll(" ", "."),
    deleted: user.deactivated === true,
    real_name: user.name,
    tz: "America/New_York",
    profile: { ...names, ...display, team: user.team },
    is_bot: user.bot,
    is_app_user: false,
    ...(user.team === home ? guest : { is_stranger: true, ...guest }),
    updated: 0,
  };
}
