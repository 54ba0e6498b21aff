package dev.nx.identity.bridge.outbox;

import dev.nx.identity.bridge.service.IdentityService;
import org.keycloak.events.outbox.OutboxBackoff;
import org.keycloak.events.outbox.OutboxConfig;
import org.keycloak.events.outbox.OutboxDeliveryHandler;
import org.keycloak.events.outbox.OutboxDeliveryResult;
import org.keycloak.events.outbox.OutboxDrainerTask;
import org.keycloak.events.outbox.OutboxStore;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.jpa.entities.OutboxEntryEntity;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.models.utils.PostMigrationEvent;
import org.keycloak.services.scheduled.ClusterAwareScheduledTaskRunner;
import org.keycloak.timer.TimerProvider;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Delivers the entries of one kind to the identity service: at least once, in any order, for as long as it takes.
 *
 * <p>Extend it once per kind: Keycloak's cluster lock is the task's simple class name, so two kinds that one class drains
 * would make each other skip. A run is one transaction that holds the rows, hence small batches and short calls.
 */
public abstract class Drainer extends OutboxDrainerTask {

    private static final int BATCH = 50;
    private static final long TICK_MILLIS = 1000;
    /** A run that takes longer leaves what is left to the next: Keycloak's timer has one thread for everybody. */
    private static final long LONGEST_RUN_NANOS = Duration.ofSeconds(3).toNanos();
    /** With a jitter of a quarter, which is Keycloak's own. Its default curve gives up after eight attempts. */
    private static final OutboxBackoff BACKOFF = new OutboxBackoff(Integer.MAX_VALUE,
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofMinutes(1)));
    /** For what the service has refused for good, so that somebody can look why. */
    private static final Duration REFUSED_KEPT = Duration.ofDays(7);

    private final AtomicBoolean away;
    private long runStarted;

    /** @param call of the service's, such as {@code /mail} */
    protected Drainer(String kind, String call, Body body) {
        this(kind, call, body, new AtomicBoolean());
    }

    private Drainer(String kind, String call, Body body, AtomicBoolean away) {
        super(new OutboxConfig(kind, BATCH, BACKOFF, REFUSED_KEPT, null, null), new Delivery(kind, call, body, away),
                ForgetfulStore::new);
        this.away = away;
    }

    /** What the service is told of an entry. */
    @FunctionalInterface
    public interface Body {

        /** @throws RuntimeException when the payload can't be read now; its message must say nothing of what is in it */
        Map<String, Object> of(String id, String payload);
    }

    /** Call it from a factory's {@code postInit}: the table is there only after Keycloak's own migration. */
    public void start(KeycloakSessionFactory factory) {
        factory.register(event -> {
            if (event instanceof PostMigrationEvent) {
                KeycloakModelUtils.runJobInTransaction(factory, session -> session.getProvider(TimerProvider.class)
                        .schedule(new ClusterAwareScheduledTaskRunner(factory, this, TICK_MILLIS), TICK_MILLIS, getTaskName()));
            }
        });
    }

    @Override
    protected void drain(KeycloakSession session, OutboxStore store) {
        runStarted = System.nanoTime();
        away.set(false);
        super.drain(session, store);
    }

    @Override
    protected void processOne(KeycloakSession session, OutboxStore store, OutboxEntryEntity row) {
        if (System.nanoTime() - runStarted < LONGEST_RUN_NANOS) {
            super.processOne(session, store, row);
        }
    }

    /** What was delivered is nobody's any more: the row goes in the transaction that learned of it. */
    private static final class ForgetfulStore extends OutboxStore {

        ForgetfulStore(KeycloakSession session) {
            super(session);
        }

        @Override
        public void markDelivered(OutboxEntryEntity entity) {
            getEntityManager().remove(entity);
        }
    }

    /** @param away set by a call that found no service: then the rest of the run fails at once, without a call */
    private record Delivery(String entryKind, String call, Body body, AtomicBoolean away) implements OutboxDeliveryHandler {

        @Override
        public OutboxDeliveryResult deliver(KeycloakSession session, OutboxEntryEntity row) {
            if (away.get()) {
                return OutboxDeliveryResult.retry("the service was away a moment before");
            }
            IdentityService.Answer answer = IdentityService.post(call, body.of(row.getCorrelationId(), row.getPayload()));
            String outcome = "HTTP " + answer.status();
            if (answer.isDone()) {
                return OutboxDeliveryResult.delivered();
            }
            if (answer.isAboutTheRequest()) {
                return OutboxDeliveryResult.deadLetter(outcome);
            }
            away.set(answer.isAboutTheService());
            return OutboxDeliveryResult.retry(outcome);
        }
    }
}
