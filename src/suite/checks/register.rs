//! What the files of this folder declare, put together in the order in which the checks run.

use std::sync::LazyLock;

use super::*;
use crate::suite::check::Check;
use crate::suite::requirement::Requirement;

/// Every requirement, by file.
pub(crate) static REQUIREMENTS: &[&[Requirement]] = &[
    http::REQUIREMENTS,
    tls::REQUIREMENTS,
    envelope::REQUIREMENTS,
    jwt::REQUIREMENTS,
    token_claims::REQUIREMENTS,
    rotation::REQUIREMENTS,
    credentials::REQUIREMENTS,
    extra::REQUIREMENTS,
    error_answer::REQUIREMENTS,
    enablement::REQUIREMENTS,
    topology::REQUIREMENTS,
    tenant_mapping::REQUIREMENTS,
    mapping_write::REQUIREMENTS,
    partner_mirroring::REQUIREMENTS,
    customer_mirroring::REQUIREMENTS,
    custom::REQUIREMENTS,
    body::REQUIREMENTS,
    delivery::REQUIREMENTS,
    connection::REQUIREMENTS,
    writes::REQUIREMENTS,
];

/// Every check. Wrong credentials come last, for a handler may lock an account that is tried with wrong passwords.
pub(crate) fn all() -> &'static [Check] {
    static ALL: LazyLock<Vec<Check>> = LazyLock::new(|| {
        [
            enablement::CHECKS,
            topology::CHECKS,
            tenant_mapping::CHECKS,
            mapping_write::CHECKS,
            partner_mirroring::CHECKS,
            customer_mirroring::CHECKS,
            custom::CHECKS,
            rotation::CHECKS,
            http::CHECKS,
            tls::CHECKS,
            envelope::CHECKS,
            delivery::CHECKS,
            jwt::CHECKS,
            token_claims::CHECKS,
            error_answer::CHECKS,
            extra::CHECKS,
            body::CHECKS,
            connection::CHECKS,
            credentials::CHECKS,
            writes::CHECKS,
        ]
        .concat()
    });
    &ALL
}
