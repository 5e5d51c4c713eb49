//! The common shape of most calls.

/// Declares a call without optional parameters:
///
/// ```text
/// /// Documentation of the call.
/// Name<'a> {
///     /// Documentation of `Name::new`.
///     parameter: &'a str,
/// }
/// (SUCCESS, Idempotency) -> Output;
/// |call, target| …;
/// |reply| …
/// ```
///
/// The lines at the end build the request and, unless inherited, read the reply. A call without
/// parameters is `Name (…) -> …; |target| …`. A third word in the parentheses is the `Access` of a
/// call that only some users may make.
macro_rules! call {
    (
        $(#[$docs:meta])*
        $name:ident ($success:ident, $idempotency:ident $(, $access:ident)?) -> $output:ty;
        |$target:ident| $request:expr
        $(; |$reply:ident| $response:expr)?
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        pub struct $name;

        call!(
            @operation [] $name, ($success, $idempotency $(, $access)?), $output,
            |_call, $target| $request $(; |$reply| $response)?
        );
    };
    (
        $(#[$docs:meta])*
        $name:ident $(<$life:lifetime>)? {
            $(#[$new:meta])*
            $($field:ident: $type:ty),+ $(,)?
        }
        ($success:ident, $idempotency:ident $(, $access:ident)?) -> $output:ty;
        |$call:ident, $target:ident| $request:expr
        $(; |$reply:ident| $response:expr)?
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name $(<$life>)? {
            $($field: $type),+
        }

        impl $(<$life>)? $name $(<$life>)? {
            $(#[$new])*
            pub fn new($($field: $type),+) -> Self {
                Self { $($field),+ }
            }
        }

        call!(
            @operation [$(<$life>)?] $name, ($success, $idempotency $(, $access)?), $output,
            |$call, $target| $request $(; |$reply| $response)?
        );
    };
    (
        @operation [$($life:tt)*] $name:ident,
        ($success:ident, $idempotency:ident $(, $access:ident)?), $output:ty,
        |$call:ident, $target:ident| $request:expr $(; |$reply:ident| $response:expr)?
    ) => {
        impl $($life)* crate::Operation for $name $($life)* {
            type Dialect = crate::v08::dialect::V08;
            type Output = $output;
            const SUCCESS: http::StatusCode = http::StatusCode::$success;
            const IDEMPOTENCY: crate::Idempotency = crate::Idempotency::$idempotency;

            fn request(
                &self,
                $target: &crate::Target,
            ) -> Result<crate::Request, crate::RequestError> {
                let $call = self;
                $request
            }
            $(
                fn hint(refusal: &crate::ServerError) -> Option<&'static str> {
                    super::access::Access::$access.hint(refusal)
                }
            )?
            $(
                fn response(
                    &self,
                    $reply: &crate::Reply<'_>,
                ) -> Result<Self::Output, crate::ResponseError> {
                    $response
                }
            )?
        }
    };
}
pub(super) use call;
