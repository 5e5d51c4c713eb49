//! The common shape of the calls that are one statement.

/// Declares a call that runs one statement:
///
/// ```text
/// /// Documentation of the call.
/// Name<'a> {
///     /// Documentation of `Name::new`.
///     parameter: &'a str,
/// }
/// (Idempotency) -> Output;
/// |call| a `RunQuery`
/// ```
///
/// A call without parameters has none in braces.
macro_rules! statement {
    (
        $(#[$docs:meta])*
        $name:ident ($idempotency:ident) -> $output:ty;
        $query:expr
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        pub struct $name;

        statement!(@operation [] $name, $idempotency, $output, |_call| $query);
    };
    (
        $(#[$docs:meta])*
        $name:ident $(<$life:lifetime>)? {
            $(#[$new:meta])*
            $($field:ident: $type:ty),+ $(,)?
        }
        ($idempotency:ident) -> $output:ty;
        |$call:ident| $query:expr
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

        statement!(
            @operation [$(<$life>)?] $name, $idempotency, $output,
            |$call| $query
        );
    };
    (
        @operation [$($life:tt)*] $name:ident, $idempotency:ident, $output:ty,
        |$call:ident| $query:expr
    ) => {
        impl $($life)* crate::Operation for $name $($life)* {
            type Dialect = super::V1;
            type Output = $output;
            const IDEMPOTENCY: crate::Idempotency = crate::Idempotency::$idempotency;

            fn request(
                &self,
                target: &crate::Target,
            ) -> Result<crate::Request, crate::RequestError> {
                let $call = self;
                $query.request(target)
            }
        }
    };
}

pub(super) use statement;
