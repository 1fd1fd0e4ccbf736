package main

import (
	"context"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	topic     = "event-topic"
	eventType = "EventDraftCreated"
)

type publisher struct{ client *kgo.Client }

func openPublisher(ctx context.Context, brokers string) (*publisher, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(brokers, ",")...),
		kgo.ClientID("peer-go"),
		kgo.DefaultProduceTopic(topic),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0), // a request waits for each; what comes while others are under way still goes together
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		return nil, err
	}
	// What the first event would wait for otherwise.
	if _, _, err := client.ProducerID(ctx); err != nil {
		client.Close()
		return nil, err
	}
	return &publisher{client}, nil
}

func (p *publisher) close() { p.client.Close() }

// publish returns when the broker has acknowledged the event: CloudEvents 1.0 in binary mode.
func (p *publisher) publish(ctx context.Context, d *draft) error {
	payload, err := toJSON(eventPayload{d.ID, d.UserID, d.Objective, d.CreatedAt})
	if err != nil {
		return err
	}
	header := func(name, value string) kgo.RecordHeader { return kgo.RecordHeader{Key: name, Value: []byte(value)} }
	record := &kgo.Record{
		Key:   []byte(d.ID),
		Value: payload,
		Headers: []kgo.RecordHeader{
			header("ce_specversion", "1.0"),
			header("ce_id", d.ID+"."+eventType),
			header("ce_source", "/event-draft"),
			header("ce_type", eventType),
			header("ce_time", d.CreatedAt),
			header("ce_subject", d.ID),
			header("content-type", "application/json"),
		},
	}
	return p.client.ProduceSync(ctx, record).FirstErr()
}
