//! Makes faults of a table: the enum and its facts.

/// Makes the enum and its facts out of one table. A fault that shows only with other enablement methods than mapped ones says
/// `in` which combination.
macro_rules! faults {
    (@enablement) => { Enablement::MAPPED };
    (@enablement $combination:ident) => { $combination };
    ($(#[doc = $title:literal] $variant:ident = $name:literal $(in $combination:ident)? breaks $($id:literal)+;)*) => {
        /// One deliberate defect of the reference handler; it changes one decision and leaves everything else right.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $(#[doc = $title] $variant,)*
        }

        impl Fault {
            /// The enablement methods with which it shows.
            pub fn enablement(self) -> Enablement {
                match self { $(Fault::$variant => faults!(@enablement $($combination)?),)* }
            }

            /// Every fault, in the order of the requirements.
            pub fn all() -> &'static [Fault] {
                &[$(Fault::$variant),*]
            }

            /// What it is called on the command line, in kebab case.
            pub fn name(self) -> &'static str {
                match self { $(Fault::$variant => $name,)* }
            }

            /// What the handler does wrong, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(Fault::$variant => $title,)* }.trim()
            }

            /// The ids of the requirements that it breaks.
            pub fn breaks(self) -> &'static [&'static str] {
                match self { $(Fault::$variant => &[$($id),+],)* }
            }
        }
    };
}

pub(super) use faults;
