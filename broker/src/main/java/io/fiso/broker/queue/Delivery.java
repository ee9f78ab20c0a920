// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/** A job that was handed out. Its attempts include this one, and {@code job.visible()} is the end of the lease. */
public record Delivery(Job job, Content content, LeaseToken lease) {}
