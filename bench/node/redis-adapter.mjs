// What oidc-provider stores, in Redis: the storage contract its documentation describes, and nothing more.

const SPENT_ONCE = new Set(["AuthorizationCode", "RefreshToken", "PushedAuthorizationRequest"]);
const OF_A_GRANT = new Set(["AccessToken", "AuthorizationCode", "RefreshToken"]);

const grantKey = (grantId) => `grant:${grantId}`;
const sessionKey = (uid) => `uid:${uid}`;

/** Return the adapter class that oidc-provider makes one instance of for each of its models. */
export function redisAdapter(redis) {
  return class {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return `${this.model}:${id}`;
    }

    async upsert(id, payload, lifetime) {
      const key = this.key(id);
      const document = JSON.stringify(payload);
      const deed = redis.multi();
      if (SPENT_ONCE.has(this.model)) deed.hset(key, { document });
      else deed.set(key, document);
      if (lifetime) deed.expire(key, lifetime);
      if (OF_A_GRANT.has(this.model) && payload.grantId) {
        // The list of a grant's tokens lives as long as the longest-lived of them.
        const members = grantKey(payload.grantId);
        deed.rpush(members, key);
        if (lifetime) deed.expire(members, lifetime, "NX").expire(members, lifetime, "GT");
      }
      if (this.model === "Session") deed.set(sessionKey(payload.uid), id, "EX", lifetime);
      await deed.exec();
    }

    async find(id) {
      if (!SPENT_ONCE.has(this.model)) {
        const document = await redis.get(this.key(id));
        return document ? JSON.parse(document) : undefined;
      }
      const [document, consumed] = await redis.hmget(this.key(id), "document", "consumed");
      if (!document) return undefined;
      return consumed ? { ...JSON.parse(document), consumed: Number(consumed) } : JSON.parse(document);
    }

    async findByUid(uid) {
      const id = await redis.get(sessionKey(uid));
      return id ? this.find(id) : undefined;
    }

    async consume(id) {
      await redis.hset(this.key(id), "consumed", Math.floor(Date.now() / 1000));
    }

    async destroy(id) {
      await redis.del(this.key(id));
    }

    async revokeByGrantId(grantId) {
      const members = await redis.lrange(grantKey(grantId), 0, -1);
      await redis.del(grantKey(grantId), ...members);
    }
  };
}
