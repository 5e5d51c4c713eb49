//! The recorded requests that our calls do not repeat, and why.

use super::exchanges::Sameness::{self, Differs, NoRoute, NotExpressible, Refused};

/// How our call relates to the recorded requests, why, and their ids.
pub(crate) const EXCEPTIONS: &[(Sameness, &str, &str)] = &[
    (
        NoRoute,
        "the server has no such route and answered 404 or 405",
        "ping-post ping-slash root-path options-unknown unknown-route put-db patch-series \
         delete-series-collection get-series-item write-09 query-09 scheduled-deletes \
         scheduled-deletes-post db-admins subscriptions q-slash \
         k-405-POST/cluster/servers k-405-POST/cluster/configuration \
         k-405-POST/cluster/shard_spaces k-405-GET/cluster/shards/1 \
         k-405-GET/cluster/shard_spaces/sd k-405-GET/raft/force_compaction \
         k-405-GET/cluster_admins/root k-405-DELETE/db/ad/users k-405-GET/db/ad \
         k-405-GET/cluster/database_configs/x",
    ),
    (NoRoute, "OPTIONS and HEAD tell nothing about data", "ping-head options-series q-head c-head"),
    (
        NoRoute,
        "a name with a slash became two segments, answered by 404",
        "db-delete-slash ca-delete-slash",
    ),
    (NoRoute, "credentials inside the address are for proxies", "a-userinfo"),
    (
        Refused,
        "a name that no path can hold, so that it could never be found again",
        "db-create-slash db-create-ctl db-create-long db-delete-long ca-add-empty ca-add-slash",
    ),
    (
        Refused,
        "a name that the server refuses, too",
        "db-create-empty db-create-percent db-delete-percent db-delete-noname q-badpct-path \
         ca-add-percent u-add-empty u-add-percent",
    ),
    (
        Differs,
        "series of one name and the same columns travel as one, and one without points not at all",
        "w-multi-same w-nopoints",
    ),
    (
        Differs,
        "a point whose time is null travels without a time: the server refuses the null",
        "w-time-null",
    ),
    (
        Refused,
        "a time that is not an integer: the server takes floats and refuses the others, too",
        "w-time-float w-time-exp w-time-huge w-time-bool w-time-string",
    ),
    (
        Refused,
        "an update of nothing, to which the server answered success",
        "u-upd-nothing u-upd-nothing-missing u-upd-isadmin u-upd-perm-writeonly",
    ),
    (
        Refused,
        "an update of another type, of which nothing is left in ours",
        "u-upd-pw-num u-upd-perm-readonly u-upd-admin-str u-upd-array u-upd-perm-num",
    ),
    (
        Refused,
        "a series without a name or columns, or with a column twice, which the server refuses",
        "w-emptypoint w-nameabsent w-nameempty w-dupcols",
    ),
    (Refused, "keys in capital letters, which the server takes", "w-extra"),
    (
        Differs,
        "parts that the server ignores: a body of GET or DELETE, a second query, `admin` on create, \
         one of two permissions, the lack of points, the lack of a query",
        "db-delete-body q-body q-twice u-add-admin2 u-add-perm-one w-pointsabsent q-none",
    ),
    (Differs, "half of a user's credentials", "a-both-uonly a-ponly a-uonly"),
    (
        NotExpressible,
        "a body that is not JSON, not UTF-8, or not JSON alone",
        "db-create-emptybody db-create-malformed db-create-notjson db-create-trailing \
         ca-add-malformed ca-add-emptybody ca-add-malformed-noauth ca-update-malformed \
         u-add-malformed u-add-emptybody u-upd-malformed w-num-nan w-num-inf w-strs-badutf8 \
         w-str-rawctl w-emptybody w-whitespace w-malformed w-malformed2 w-notjson w-trailing \
         w-twovalues w-bom w-noauth-malformed q-post-form a-body-creds k-sp-add-malformed \
         k-sp-add-empty k-sp-upd-malformed k-sh-add-malformed k-sh-del-nobody k-cfg-malformed",
    ),
    (
        NotExpressible,
        "a body without what our type demands, or of another type",
        "db-create-noname db-create-num db-create-null db-create-array db-create-extra \
         ca-add-nopw ca-update-nopw u-add-nopw w-val-array w-val-object w-shorter w-longer \
         w-mixedrag w-multi-onebad w-colsabsent w-namenull w-namenum w-object w-null w-arraynull \
         w-points-notarray w-points-flat k-sp-add-noname k-sp-upd-missing k-sp-upd-nodb \
         k-sh-add-empty k-sh-del-noids k-cfg-badspace k-cfg-empty k-cfg-noauth",
    ),
    (
        NotExpressible,
        "a number beyond every double, half of a surrogate pair",
        "w-num-overflow w-strs-esc",
    ),
    (
        NotExpressible,
        "a precision that the server does not know",
        "w-prec-bad w-prec-us w-prec-bad-noauth w-prec-upper r-prec-bad",
    ),
    (NotExpressible, "a number that is none", "k-sh-del-nan k-srv-del-nan"),
    (
        NotExpressible,
        "compressed or chunked on its way, which is the transport's business",
        "w-gzip w-gzip-unlabelled w-gzip-trunc w-gzip-upper w-deflate w-gzip-multi w-chunked",
    ),
    (
        NotExpressible,
        "too long to be recorded as a whole",
        "w-manycols w-big w-bigstr w-str-1048576 w-str-2096952 w-str-2097153 w-str-two q-w-m \
         c-w-1 c-w-2 c-w-3",
    ),
];
