package dev.nx.identity.bridge.flow;

import org.keycloak.authentication.AuthenticationFlowContext;
import org.keycloak.common.util.Time;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserLoginFailureModel;
import org.keycloak.models.UserModel;
import org.keycloak.services.managers.BruteForceProtector;

/**
 * What the brute force protector says before a password is looked at. Keycloak's default protector lets one sign-in of
 * a user run at a time (parallel guesses would outrun its counter) and reports the others as locked; only its stored
 * counter tells the two apart.
 */
public enum Admission {

    /** The user may try. With the default protector they now hold their one slot until the transaction ends. */
    FREE,
    /** Another sign-in of this user is running or being counted; trying again in a moment helps. */
    BUSY,
    /** Locked out by failures. */
    LOCKED;

    public static Admission of(AuthenticationFlowContext context, UserModel user) {
        KeycloakSession session = context.getSession();
        RealmModel realm = context.getRealm();
        BruteForceProtector protector = context.getProtector();
        if (!realm.isBruteForceProtected()) {
            return FREE;
        }
        boolean refused = protector.isPermanentlyLockedOut(session, realm, user) || protector.isTemporarilyDisabled(session, realm, user);
        if (!refused) {
            return FREE;
        }
        return lockIsStored(session, realm, user) ? LOCKED : BUSY;
    }

    /** The two conditions under which DefaultBruteForceProtector reads a lock from its counter. */
    private static boolean lockIsStored(KeycloakSession session, RealmModel realm, UserModel user) {
        UserLoginFailureModel failures = session.loginFailures().getUserLoginFailure(realm, user.getId());
        if (failures == null) {
            return false;
        }
        return Time.currentTimeSeconds() < failures.getFailedLoginNotBefore()
                || realm.isPermanentLockout() && failures.getNumTemporaryLockouts() > realm.getMaxTemporaryLockouts();
    }
}
