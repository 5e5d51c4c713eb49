//! The recorded exchanges that are answered otherwise.

// One source for the table that people read and the one that the replay test reads.
macro_rules! unsupported {
    ($($pattern:literal => $reason:literal,)*) => {
        /// The differences from a recorded 0.8.9: every recorded exchange is either answered the
        /// same, which a test checks, or listed here.
        ///
        /// Each entry is a pattern of names, `file/scenario`, and the reason.
        /// A `*` at the end stands for any rest.
        ///
        /// | recorded scenarios | reason |
        /// |---|---|
        $(#[doc = concat!("| `", $pattern, "` | ", $reason, " |")])*
        pub const UNSUPPORTED: &[(&str, &str)] = &[$(($pattern, $reason)),*];
    };
}

unsupported! {
    "06_query/q-rawspace" => "a request line with a space in its target is not HTTP",
    "06_query/q-ae-gzip-ping" => "a compressed answer to `/ping` keeps its Content-Type",
    "09_auth/a-cache-6" => "the real server goes on taking the old password of a user made anew",
    "09_auth/a-cache-7" => "the real server goes on taking the old password of a user made anew",
    "10_cluster/k-conf" => "of the cluster configuration only names are answered",
    "10_cluster/k-conf-2" => "of the cluster configuration only names are answered",
    "10_cluster/k-servers" => "names and addresses of the servers are others",
    "10_cluster/k-cfg-badq" => "a syntax error is described as in a query",
    "10_cluster/k-export-gzip" => "a compressed export is compressed twice",
    "11_http/*" => "bytes on a connection: the HTTP layer's work",
    "13_udp/u-null" => "the real server ends at the datagram `[null]`",
}
