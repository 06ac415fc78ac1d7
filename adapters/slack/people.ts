/** Who people are: names, and whose words do not leave the team. Answers are remembered for a while. */
import { outsider, type Home } from "./from-slack.js";
import type { SlackApi } from "./api.js";
import { notSlacks } from "./errors.js";
import { unless } from "./api.js";

export interface Person {
  readonly name: string;
  readonly refused?: string;
}

export interface People {
  /** Asks Slack unless the answer is remembered. An older answer is better than none when Slack does not reply. */
  person(id: string): Promise<Person>;
  /** What is remembered; asks nobody. */
  known(id: string): Person | undefined;
  /** Resolves once the people are known, or after `patienceMs` at the latest. Never rejects. */
  meet(ids: readonly string[], patienceMs: number): Promise<void>;
}

export interface PeopleDeps {
  readonly api: SlackApi;
  readonly now: () => number;
  readonly home: () => Home | undefined;
  readonly allowGuests: boolean;
  readonly allowOutsiders: boolean;
}

const freshMs = 15 * 60_000;
const mostRemembered = 5000;

export function createPeople(deps: PeopleDeps): People {
  const remembered = new Map<string, { readonly person: Person; readonly since: number }>();
  const asking = new Map<string, Promise<Person>>();

  const ask = async (id: string): Promise<Person> => {
    const answer = await deps.api.call("users.info", "same", (web) =>
      web.users.info({ user: id }).catch(unless("user_not_found", "user_not_visible", "users_not_found")),
    );
    if (answer !== undefined && !isUser(answer.user)) throw notSlacks({ method: "users.info", repeats: "same" });
    const person = personOf(answer?.user, deps);
    remembered.delete(id);
    remembered.set(id, { person, since: deps.now() });
    const [oldest] = remembered.keys();
    if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
    return person;
  };

  const askOnce = (id: string): Promise<Person> => {
    const under = asking.get(id) ?? ask(id).finally(() => asking.delete(id));
    asking.set(id, under);
    return under;
  };

  const person = async (id: string): Promise<Person> => {
    const entry = remembered.get(id);
    if (entry === undefined) return askOnce(id);
    if (deps.now() - entry.since < freshMs) return entry.person;
    return askOnce(id).catch(() => entry.person);
  };

  return {
    person,
    known: (id) => remembered.get(id)?.person,
    async meet(ids, patienceMs) {
      const unknown = ids.filter((id) => !remembered.has(id));
      if (unknown.length === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patienceMs);
      });
      await Promise.race([Promise.allSettled(unknown.map(person)), patience]);
      clearTimeout(timer);
    },
  };
}

interface User {
  readonly name?: string;
  readonly real_name?: string;
  readonly team_id?: string;
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly profile?: { readonly display_name?: string; readonly real_name?: string };
  readonly enterprise_user?: { readonly enterprise_id?: string };
}

const isUser = (user: unknown): boolean => typeof user === "object" && user !== null && "id" in user;

function personOf(user: User | undefined, deps: PeopleDeps): Person {
  if (user === undefined) return { name: "somebody", refused: "Slack does not tell who this person is." };
  const name =
    [user.profile?.display_name, user.profile?.real_name, user.real_name, user.name].find((candidate) =>
      Boolean(candidate?.trim()),
    ) ?? "somebody";
  const refused = refusalOf(user, deps);
  return refused === undefined ? { name } : { name, refused };
}

function refusalOf(user: User, deps: PeopleDeps): string | undefined {
  if (user.is_bot === true) return "This is another app.";
  if (user.deleted === true) return "This person's account has been deactivated.";
  if (!deps.allowOutsiders && isOutsider(user, deps.home())) return outsider;
  if (!deps.allowGuests && (user.is_restricted === true || user.is_ultra_restricted === true))
    return "This person is a guest in the workspace.";
  return undefined;
}

/** In an Enterprise organisation, colleagues of other workspaces have another team but the same enterprise. */
function isOutsider(user: User, home: Home | undefined): boolean {
  if (user.is_stranger === true) return true;
  if (home === undefined || user.team_id === undefined || user.team_id === home.team) return false;
  return home.enterprise === undefined || user.enterprise_user?.enterprise_id !== home.enterprise;
}
