// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.tls;

import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** What was wrong when TLS did not come about. */
final class TlsFailure {
    private static final int DEPTH_MAX = 16;

    private TlsFailure() {}

    /** One sentence without a full stop; empty if TLS was not the reason. */
    static Optional<String> reason(@Nullable Throwable failure) {
        Optional<String> outermost = Optional.empty();
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEPTH_MAX; depth++) {
            if (cause instanceof NotSslRecordException) {
                return Optional.of("the other end speaks no TLS");
            }
            // Ours; those of the JDK below it only repeat a part of it.
            if (cause instanceof CertificateException) {
                return Optional.of(String.valueOf(cause.getMessage()));
            }
            // Not every SSLException: one says that the other end is gone without a farewell, as after any kill.
            if (cause instanceof SSLHandshakeException && outermost.isEmpty()) {
                outermost = Optional.of(told(String.valueOf(cause.getMessage())));
            }
            cause = cause.getCause();
        }
        return outermost;
    }

    /** What the other end only hints at by the code of an alert, in words. */
    private static String told(String message) {
        if (message.contains("Empty client certificate chain") || message.contains("certificate_required")) {
            return "a certificate is required, and none was presented";
        }
        if (message.contains("Received fatal alert")) {
            return "the other end refused the certificate presented to it, or the handshake (" + message
                    + "); its log says why";
        }
        return message;
    }
}
